import { expect, it } from 'vitest'
import { applyCommand, secretCommand } from './canary-commands'

it('the token goes into a Secret of its namespace, as the whole header', () => {
  expect(secretCommand('ml', 'pst_0_x')).toBe(
    "kubectl -n ml create secret generic postern-canary --from-literal=authorization='Authorization: Bearer pst_0_x'",
  )
})
it('the manifest is pasted as it is: the shell reads nothing in it', () => {
  expect(applyCommand('a: $(id)\n')).toBe("kubectl apply -f - <<'YAML'\na: $(id)\nYAML")
})
