// Parse every Mermaid block of the given Markdown files with Mermaid itself; say which do not parse.
import { readFileSync } from 'node:fs'
import { JSDOM } from 'jsdom'

const { window } = new JSDOM('<body></body>')
Object.assign(globalThis, { window, document: window.document })
const { default: mermaid } = await import('mermaid')

let parsed = 0
let failed = 0
for (const file of process.argv.slice(2)) {
  for (const [, text] of readFileSync(file, 'utf8').matchAll(/^```mermaid\n([\s\S]*?)^```/gm)) {
    try {
      const { diagramType } = await mermaid.parse(text)
      parsed += 1
      console.log(`${file}: ${diagramType}, ${text.split('\n').length} lines`)
    } catch (error) {
      failed += 1
      console.error(`${file}: ${error.message}\n${text.split('\n')[0]}`)
    }
  }
}
console.log(`${parsed} passed, ${failed} failed`)
process.exit(failed > 0 || parsed === 0 ? 1 : 0)
