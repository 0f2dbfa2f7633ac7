import { describe, expect, it } from 'vitest'
import { resolvePath } from '../../../../src/world/apiServer/paths.ts'
import { builtInResources, certificateRequests } from '../../../../src/world/apiServer/resources.ts'

const resolve = (path: string) => resolvePath(path, [...builtInResources, certificateRequests])

describe('a path of the API', () => {
  it.each([
    ['/api/v1/pods', 'Pod', undefined, undefined, false],
    ['/api/v1/namespaces/shop/pods', 'Pod', 'shop', undefined, false],
    ['/api/v1/namespaces/shop/pods/web', 'Pod', 'shop', 'web', false],
    ['/api/v1/namespaces/shop/pods/web/status', 'Pod', 'shop', 'web', true],
    ['/api/v1/namespaces', 'Namespace', undefined, undefined, false],
    ['/api/v1/namespaces/shop', 'Namespace', undefined, 'shop', false],
    ['/api/v1/namespaces/shop/status', 'Namespace', undefined, 'shop', true],
    ['/api/v1/nodes/node-1', 'Node', undefined, 'node-1', false],
    ['/apis/storage.k8s.io/v1/csinodes', 'CSINode', undefined, undefined, false],
    ['/apis/discovery.k8s.io/v1/namespaces/shop/endpointslices', 'EndpointSlice', 'shop', undefined, false],
    ['/apis/cert-manager.io/v1/certificaterequests', 'CertificateRequest', undefined, undefined, false],
    ['/apis/cert-manager.io/v1/namespaces/a/certificaterequests/b%2Dc', 'CertificateRequest', 'a', 'b-c', false],
  ])('%s names %s', (path, kind, namespace, name, status) => {
    expect(resolve(path)).toMatchObject({ type: { kind }, namespace, name, status })
  })

  it.each([
    ['without a resource', '/api/v1'],
    ['of a namespace for what has none', '/api/v1/namespaces/shop/nodes'],
    ['of an unknown resource', '/api/v1/services'],
    ['of a resource in another group', '/api/v1/certificaterequests'],
    ['of an object without its namespace', '/api/v1/pods/web'],
    ['of an unknown subresource', '/api/v1/namespaces/shop/pods/web/log'],
    ['of a status where there is none', '/api/v1/namespaces/shop/configmaps/x/status'],
    ['that goes on too long', '/api/v1/namespaces/shop/pods/web/status/x'],
    ['that ends in a slash', '/api/v1/namespaces/shop/pods/'],
    ['that is wrongly encoded', '/api/v1/namespaces/%zz/pods'],
  ])('%s names nothing', (_, path) => {
    expect(resolve(path)).toBeUndefined()
  })
})
