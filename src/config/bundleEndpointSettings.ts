import * as z from 'zod'
import { requiredSetting, optionalSetting, section } from './documentation.ts'
import * as types from './settingTypes.ts'

const trustDomain = requiredSetting(types.trustDomain, {
  help: 'The trust domain whose bundle the endpoint serves.',
  example: 'partner.example',
})
const url = requiredSetting(types.bundleEndpointUrl, {
  help: 'The URL of the endpoint.',
  example: 'https://spire.partner.example:8443',
})
const profile = requiredSetting(types.oneOf(['https_web', 'https_spiffe']), {
  help: 'How the endpoint authenticates itself (SPIFFE Federation, section 5.2): with a Web PKI certificate for the host in the URL, or with an X.509-SVID.',
  example: 'https_spiffe',
})

const endpoint = z
  .strictObject(
    {
      trustDomain,
      url,
      profile,
      certificateAuthorities: optionalSetting(types.pathOfNoKey, {
        help: '`https_web`: the PEM file with the certificate authorities to trust instead of the public ones.',
        unset: 'the certificate authorities built into Node.js',
        example: undefined,
      }),
      endpointSpiffeId: optionalSetting(types.workloadId, {
        help: '`https_spiffe`: the SPIFFE ID of the endpoint.',
        unset: 'none; required for `https_spiffe`',
        example: 'spiffe://partner.example/spire/server',
      }),
      bootstrapBundle: optionalSetting(types.pathOfNoKey, {
        help: "`https_spiffe`: the file with the first bundle of the endpoint's own trust domain, PEM or a SPIFFE bundle document. Later bundles come from the endpoint. Replace the file to start over when the endpoint no longer verifies.",
        unset: "the bundle that another entry fetches for the endpoint's trust domain",
        example: '/etc/svidwatch/partner-bundle.json',
      }),
      redirectHosts: optionalSetting(types.redirectHosts, {
        help: 'The other hosts to which the endpoint may redirect, such as those of a CDN: whoever controls the endpoint could otherwise use svidwatch to find out which hosts and ports it can reach. A redirect to the host and port in the URL is always followed.',
        unset: 'no other host',
        example: ['cdn.partner.example', 'spire.partner.example:9443'],
      }),
    },
    types.mustBeMapping,
  )
  .superRefine((given, context) => {
    const isSpiffe = given.profile === 'https_spiffe'
    const refuse = (name: keyof typeof given, message: string) =>
      context.addIssue({ code: 'custom', path: [name], message, input: given[name] })
    if (isSpiffe && given.endpointSpiffeId === undefined) refuse('endpointSpiffeId', 'is required for https_spiffe')
    if (isSpiffe && given.certificateAuthorities !== undefined)
      refuse('certificateAuthorities', 'is allowed for https_web only')
    if (!isSpiffe && given.endpointSpiffeId !== undefined)
      refuse('endpointSpiffeId', 'is allowed for https_spiffe only')
    if (!isSpiffe && given.bootstrapBundle !== undefined) refuse('bootstrapBundle', 'is allowed for https_spiffe only')
  })

export const bundleEndpoints = section(
  'The bundle endpoints (SPIFFE Federation) that the roles cluster and standalone fetch trust bundles from: a list with these settings for each entry. Each trust domain may be listed once.',
  z
    .array(endpoint, 'must be a list of bundle endpoints')
    .refine(
      (given) => new Set(given.map(({ trustDomain }) => trustDomain)).size === given.length,
      'must name each trust domain only once',
    ),
  [],
)
