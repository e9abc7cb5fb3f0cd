// Evaluate each recorded expression with the reference implementation, in the version that Step Functions documents:
// https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html
import { createHash, randomUUID } from 'node:crypto'
import { createReadStream, readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import jsonata from 'jsonata'

const recordings = process.argv.slice(2).filter((file) => file.endsWith('.jsonl'))
const definitions = process.argv.slice(2).filter((file) => file.endsWith('.json'))
const DIFFER_BY_NATURE = /\$(millis|now|random|uuid)\(/

function partition(items, size) {
  const parts = []
  for (let start = 0; start < items.length; start += size) parts.push(items.slice(start, start + size))
  return parts
}

function range(first, last, step) {
  const numbers = []
  for (let number = first; step > 0 ? number <= last : number >= last; number += step) numbers.push(number)
  return numbers
}

// Functions that Step Functions adds to JSONata, and $eval, which it removes.
const FUNCTIONS = {
  partition,
  range,
  hash: (text, algorithm = 'SHA-256') => createHash(algorithm.replace('-', '').toLowerCase()).update(text).digest('hex'),
  uuid: () => randomUUID(),
  parse: (text) => JSON.parse(text),
  eval: () => { throw new Error('$eval is not supported by Step Functions') },
}

const compiled = new Map()
function compile(expression) {
  if (!compiled.has(expression)) {
    const parsed = jsonata(expression)
    for (const [name, implementation] of Object.entries(FUNCTIONS)) parsed.registerFunction(name, implementation)
    compiled.set(expression, parsed)
  }
  return compiled.get(expression)
}

function sorted(value) {
  if (Array.isArray(value)) return value.map(sorted)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(Object.keys(value).sort().map((key) => [key, sorted(value[key])]))
}

const text = (value) => JSON.stringify(sorted(value))

async function reference({ expression, variables, states }) {
  try {
    const value = await compile(expression).evaluate(undefined, states ? { ...variables, states } : variables)
    // No result fails a state, like an error.
    return value === undefined ? { error: 'nothing' } : { value: text(JSON.parse(JSON.stringify(value))) }
  } catch (error) {
    return { error: `${error.code ?? ''} ${error.message}` }
  }
}

let evaluated = 0
let differing = 0
async function* lines() {
  for (const file of recordings) yield* createInterface({ input: createReadStream(file) })
}
for await (const line of lines()) {
  const record = JSON.parse(line)
  const expected = await reference(record)
  evaluated += 1
  // An expression without a result in both is wrong too: no state is meant to end that way.
  if (!('error' in record) && !('error' in expected)) {
    if (expected.value === text(record.value) || DIFFER_BY_NATURE.test(record.expression)) continue
  }
  differing += 1
  console.error(`${record.state}: ${record.expression}
  reference: ${(expected.value ?? expected.error).slice(0, 400)}
  recorded:  ${(record.error ?? text(record.value)).slice(0, 400)}
  variables: ${text({ ...record.variables, states: record.states }).slice(0, 1200)}`)
}
console.log(`${evaluated} evaluations of ${compiled.size} expressions, ${differing} differ or fail`)

const expressions = new Set()
function collect(value) {
  if (typeof value === 'string' && value.startsWith('{%')) expressions.add(value.slice(2, -2).trim())
  else if (value !== null && typeof value === 'object') Object.values(value).forEach(collect)
}
for (const file of definitions) collect(JSON.parse(readFileSync(file, 'utf8')))
if (definitions.length > 0) {
  const seen = [...expressions].filter((expression) => compiled.has(expression)).length
  console.log(`${seen} of ${expressions.size} expressions of the definitions were recorded; make coverage-states records all`)
}
process.exit(differing > 0 || evaluated === 0 ? 1 : 0)
