import { expect, it } from 'vitest'
import { connectionIn } from '../../cluster/install/support/connections.ts'

it.each([
  [
    'to the address of a Service is one to the pod or node behind it',
    '    [NEW] tcp      6 120 SYN_SENT src=10.244.0.3 dst=10.96.0.1 sport=53132 dport=443 [UNREPLIED] src=10.244.0.1 dst=10.244.0.3 sport=6443 dport=53132',
    { from: '10.244.0.3', to: '10.244.0.1', port: 6443, protocol: 'TCP' },
  ],
  [
    'may be a packet of UDP',
    '    [NEW] udp      17 30 src=10.244.0.3 dst=10.244.0.9 sport=41000 dport=53 [UNREPLIED] src=10.244.0.9 dst=10.244.0.3 sport=53 dport=41000',
    { from: '10.244.0.3', to: '10.244.0.9', port: 53, protocol: 'UDP' },
  ],
  [
    'may be of IPv6',
    '    [NEW] tcp      6 120 SYN_SENT src=fd00::3 dst=fd00::9 sport=41000 dport=9797 [UNREPLIED] src=fd00::9 dst=fd00::3 sport=9797 dport=41000',
    { from: 'fd00::3', to: 'fd00::9', port: 9797, protocol: 'TCP' },
  ],
])('a connection %s', (_name, line, connection) => {
  expect(connectionIn(line)).toEqual(connection)
})

it.each(['    [NEW] icmp     1 30 src=10.244.0.1 dst=10.244.0.3 type=8 code=0 id=1 [UNREPLIED] src=10.244.0.3', ''])(
  'what is no connection is left out: %s',
  (line) => {
    expect(connectionIn(line)).toBeUndefined()
  },
)
