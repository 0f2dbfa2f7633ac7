import { parser } from '@prometheus-io/lezer-promql'
import type { SyntaxNode } from '@lezer/common'
import { ruleGroups } from '../../../alerts/all.ts'
import type { AlertingRule, Rule, RuleGroup } from '../../../alerts/rule.ts'

/** One small mistake in one rule. */
export interface Mutant {
  /** Which mistake, where; it tells it from all others. */
  readonly name: string
  /** The group of the rule, with the mistake in it. */
  readonly group: RuleGroup
}

interface Edit {
  readonly what: string
  readonly from: number
  readonly to: number
  readonly text: string
}

/** Every mutant of every rule. */
export function allMutants(): readonly Mutant[] {
  return distinct(
    ruleGroups.flatMap((group) =>
      group.rules.flatMap((rule, index) =>
        [...ofExpression(rule), ...('alert' in rule ? ofTimes(rule) : [])].map(({ what, mutated }) => ({
          name: `${titleOf(rule)}: ${what}`,
          group: { ...group, rules: group.rules.with(index, mutated) },
        })),
      ),
    ),
  )
}

function titleOf(rule: Rule): string {
  return 'record' in rule ? rule.record : `${rule.alert} ${rule.severity}`
}

function ofExpression(rule: Rule): readonly { readonly what: string; readonly mutated: Rule }[] {
  return editsOf(rule.expr).map(({ what, from, to, text }) => {
    const expr = rule.expr.slice(0, from) + text + rule.expr.slice(to)
    return { what: `${what}: ${context(rule.expr, from, to)}`, mutated: { ...rule, expr } }
  })
}

function ofTimes(rule: AlertingRule): readonly { readonly what: string; readonly mutated: Rule }[] {
  return (['for', 'keepFiringFor'] as const).flatMap((field) => {
    const time = rule[field]
    return time === undefined
      ? []
      : [2, 0.5].map((factor) => {
          const changed = `${secondsOf(time) * factor}s`
          return { what: `${field} ${time} is ${changed}`, mutated: { ...rule, [field]: changed } }
        })
  })
}

function editsOf(expr: string): readonly Edit[] {
  const edits: Edit[] = []
  parser.parse(expr).iterate({
    enter: ({ node, name }) => {
      const text = expr.slice(node.from, node.to)
      if (name === 'NumberDurationLiteral') edits.push(...numbers(text).map((one) => replaced(node, one)))
      if (name === 'NumberDurationLiteralInDurationContext')
        edits.push(...[2, 0.5].map((factor) => replaced(node, `${secondsOf(text) * factor}s`)))
      if (name === 'BinaryExpr') edits.push(...operands(expr, node))
      if (name === 'UnquotedLabelMatcher' || (name === 'LabelName' && node.parent?.name === 'GroupingLabels'))
        edits.push(dropped(expr, node))
    },
  })
  return edits
}

const numbers = (text: string): readonly string[] =>
  Number(text) === 0 ? ['1'] : [2, 0.5].map((factor) => String(Number(text) * factor))

const replaced = ({ from, to }: SyntaxNode, text: string): Edit => ({ what: `is ${text}`, from, to, text })

/** Of clauses each may be missing; a comparison may compare nothing. */
function operands(expr: string, node: SyntaxNode): readonly Edit[] {
  const [left, right] = [node.firstChild, node.lastChild]
  const operator = left?.nextSibling?.name ?? ''
  const alone = (operand: SyntaxNode | null, what: string): Edit[] =>
    operand ? [{ what, from: node.from, to: node.to, text: expr.slice(operand.from, operand.to) }] : []
  if (operator === 'And' || operator === 'Or')
    return [
      ...alone(left, `without what follows ${operator}`),
      ...alone(right, `without what comes before ${operator}`),
    ]
  if (['Unless', 'Lss', 'Lte', 'Gtr', 'Gte', 'Eql', 'EqlC', 'Neq'].includes(operator))
    return alone(left, `without what follows ${operator}`)
  return []
}

/** Drops one of a list, with its comma. */
function dropped(expr: string, { from, to }: SyntaxNode): Edit {
  const after = /^\s*,\s*/.exec(expr.slice(to))
  const before = /,\s*$/.exec(expr.slice(0, from))
  const edit = after ? { from, to: to + after[0].length } : { from: from - (before?.[0].length ?? 0), to }
  return { what: `without ${expr.slice(from, to)}`, ...edit, text: '' }
}

/** A place in an expression, on one line and short enough to read. */
function context(expr: string, from: number, to: number): string {
  const line = (text: string) => text.replaceAll(/\s+/g, ' ')
  const around = 60
  const inner = line(expr.slice(from, to))
  const middle = inner.length > 2 * around ? `${inner.slice(0, around)}…${inner.slice(-around)}` : inner
  return `${line(expr.slice(0, from)).slice(-around)}⟦${middle}⟧${line(expr.slice(to)).slice(0, around)}`
}

const units: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 }

function secondsOf(duration: string): number {
  const [, count = '', unit = ''] = /^(\d+)([smhd])$/.exec(duration) ?? []
  return Number(count) * (units[unit] ?? NaN)
}

/** Two mistakes of one rule that read alike are told apart by a number. */
function distinct(all: readonly Mutant[]): readonly Mutant[] {
  const seen = new Map<string, number>()
  return all.map((mutant) => {
    const count = (seen.get(mutant.name) ?? 0) + 1
    seen.set(mutant.name, count)
    return count === 1 ? mutant : { ...mutant, name: `${mutant.name} (${count})` }
  })
}
