import { stringify } from 'yaml'
import { isSection, type Values } from './value.ts'

/** Renders values.yaml: every value with its default, and its meaning as a comment. */
export function renderValues(values: Values): string {
  const head = '# The default values of the chart. Written by `npm run docs` from tools/chart; do not edit.\n'
  const items = Object.entries(values).map(([name, item]) => `\n${blockOf({ [name]: item }, 0)}`)
  return head + items.join('')
}

function blockOf(values: Values, depth: number): string {
  const indentation = '  '.repeat(depth)
  return Object.entries(values)
    .map(([name, item]) => {
      const comment = wrapped(item.help, 118 - indentation.length).map((line) => `${indentation}# ${line}\n`)
      const text = isSection(item)
        ? `${indentation}${name}:\n${blockOf(item.values, depth + 1)}`
        : stringify({ [name]: item.default }, { singleQuote: true }).replace(/^(?=.)/gm, indentation)
      return comment.join('') + text
    })
    .join('')
}

/** Breaks a text into lines of at most `width` characters. */
function wrapped(text: string, width: number): readonly string[] {
  return text.split(' ').reduce<string[]>((lines, word) => {
    const last = lines.at(-1)
    if (last === undefined || last.length + 1 + word.length > width) return [...lines, word]
    return [...lines.slice(0, -1), `${last} ${word}`]
  }, [])
}
