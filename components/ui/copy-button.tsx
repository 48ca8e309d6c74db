'use client'
import { Check, Copy } from 'lucide-react'
import { useEffect, useState } from 'react'
import { Button } from './button'

const SHOWN_MS = 1500

/** Copies a text; says so in place of its label for a moment. */
export function CopyButton({ text, label = 'Copy' }: { text: string; label?: string }) {
  const [word, setWord] = useState('')
  useEffect(() => {
    if (!word) return
    const timer = setTimeout(() => setWord(''), SHOWN_MS)
    return () => clearTimeout(timer)
  }, [word])
  const copy = () =>
    navigator.clipboard.writeText(text).then(
      () => setWord('Copied'),
      () => setWord('Copying is not allowed here'),
    )
  return (
    <Button size="small" onClick={() => void copy()} aria-live="polite">
      {word === 'Copied' ? <Check aria-hidden size={14} /> : <Copy aria-hidden size={14} />}
      {word || label}
    </Button>
  )
}
