import * as z from 'zod'
import { neededSetting, openSetting, section } from './documentation.ts'
import * as values from './settingTypes.ts'

const trustDomain = neededSetting(values.trustDomain, {
  help: 'The trust domain whose bundle the endpoint serves.',
  example: 'partner.example',
})
const url = neededSetting(values.bundleEndpointUrl, {
  help: 'Where the endpoint answers.',
  example: 'https://spire.partner.example:8443',
})
const profile = neededSetting(values.oneOf(['https_web', 'https_spiffe']), {
  help: 'How the endpoint proves who it is (SPIFFE Federation, section 5.2): with a certificate of the Web PKI for the host in the URL, or with an X.509-SVID.',
  example: 'https_spiffe',
})

const endpoint = z
  .strictObject(
    {
      trustDomain,
      url,
      profile,
      certificateAuthorities: openSetting(values.pathOfNoKey, {
        help: '`https_web`: the PEM file with the authorities to trust in the place of the public ones.',
        unset: 'the authorities that Node.js brings',
        example: undefined,
      }),
      endpointSpiffeId: openSetting(values.workloadId, {
        help: '`https_spiffe`: the SPIFFE ID of the endpoint.',
        unset: 'none: `https_spiffe` needs it',
        example: 'spiffe://partner.example/spire/server',
      }),
      bootstrapBundle: openSetting(values.pathOfNoKey, {
        help: "`https_spiffe`: the file with the bundle of the endpoint's own trust domain to begin with, PEM or a SPIFFE bundle document. Later ones come from the endpoint. Replace the file to begin anew, where an endpoint no longer verifies.",
        unset: "the bundle that another entry fetches for the endpoint's trust domain",
        example: '/etc/svidwatch/partner-bundle.json',
      }),
    },
    values.mapping,
  )
  .superRefine((given, context) => {
    const isSpiffe = given.profile === 'https_spiffe'
    const refuse = (name: keyof typeof given, message: string) =>
      context.addIssue({ code: 'custom', path: [name], message, input: given[name] })
    if (isSpiffe && given.endpointSpiffeId === undefined) refuse('endpointSpiffeId', 'is needed for https_spiffe')
    if (isSpiffe && given.certificateAuthorities !== undefined)
      refuse('certificateAuthorities', 'is for https_web only')
    if (!isSpiffe && given.endpointSpiffeId !== undefined) refuse('endpointSpiffeId', 'is for https_spiffe only')
    if (!isSpiffe && given.bootstrapBundle !== undefined) refuse('bootstrapBundle', 'is for https_spiffe only')
  })

export const bundleEndpoints = section(
  'The bundle endpoints of trust domains (SPIFFE Federation) that the roles cluster and standalone ask: a list, each entry with these settings, no trust domain twice.',
  z
    .array(endpoint, 'must be a list of bundle endpoints')
    .refine(
      (given) => new Set(given.map((one) => one.trustDomain)).size === given.length,
      'must name each trust domain once',
    ),
  [],
)
