/** The most namespaces that one process watches one by one. Their positions take 0.02 MB of the 1 MiB of the state's ConfigMap. */
export const maxNamespaces = 100
