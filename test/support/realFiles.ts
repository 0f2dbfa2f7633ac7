import { systemClock } from '../../src/clock.ts'
import { FileCalls } from '../../src/files/fileCalls.ts'

/** Real files, which answer in real time whatever a test's clock says. */
export const realFiles = new FileCalls(systemClock)
