/** Where the runbooks are: one page for each alert, by its name. */
export const runbooks = 'https://github.com/svidwatch/svidwatch/blob/main/docs/runbooks'

/** Returns the URL of the runbook of an alert. */
export const runbookOf = (alert: string): string => `${runbooks}/${alert}.md`
