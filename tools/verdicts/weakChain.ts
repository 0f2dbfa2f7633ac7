import { der, oid, sequence } from './certificateBuilder.ts'
import { leaf, middle } from './svidParts.ts'

/** The public key of an RSA CA whose private key is not kept, since signatures with it have to be the same each time. */
const spki =
  'MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAqCbi5LpSjj9L/fSF0NCBtfPJ5vX5UcBtFm+yk+mDNtHH80vq5RIMYapU2N3Jw4LBKS' +
  'qGheaPNEmuTdGmceg9T95tTgeCtqPtLK9eN3zJFvCkkxg4edCmYGfi0o0/jA2asjVkgRJPzxcvqxOnycK6Vo3DAgSACUzl8VXjKTOA8Z/i7Ado' +
  'RcbviIPlqb6jUE744UcUMsVp9Y0BSjhD+25F0OUMD673rL//shMx88d8c703gp5vAFpT1Lw4ONDCRAACirtYXb7sFmEuMdkBYH2lDH5Jvrkmew' +
  'ON/6JbzUTxql/e/YmSno7/fTouwQutQKOecL1pimhVEeZsrGH/lIRvYQIDAQAB'

/** Its signature of the leaf with SHA-1. */
const signature =
  'lR6zLm6exqJbxP9QsKG5QdzJo1nBsQd81xQ0q9kmIOM2BWdbdL2ChgZdW43pwH+ERZhNlCY+PL5l9wcoVjHM7mMh+PzcC4wE0/7ZQrROfMKCJ4' +
  'GEaZKvhkPNFcQF4IjcY+WRO3Y13Q31hikgAL7izphqik13Kxx0wv82/SaYAmrOBamfFPLThkNpLotOrZ2QIiHl5CpQxhnoKDvBHRkDzcZZSg/B' +
  'dSmzkotaYQ218PmTxH0b93gnZHVtwrk76KkRslCGrLK7BY5T/Vpf2hBhQYY+YF/DFLAXRzzZC5HnxlILoLFQT6mDw46d7x094ajOMzosA9+UKu' +
  'nl/SXJh3Ed+w=='

/** sha1WithRSAEncryption */
const algorithm = sequence(oid('2a864886f70d010105'), der(0x05))

/** A leaf that an intermediate has signed with SHA-1. */
export const weakChain: readonly Buffer[] = [
  leaf({ issuer: 'weak', algorithm, signs: () => Buffer.from(signature, 'base64') }),
  middle({ subject: 'weak', spki: Buffer.from(spki, 'base64') }),
]
