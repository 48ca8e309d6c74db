import { SignInForm } from '@/components/settings/sign-in-form'

export default function SignInPage() {
  return (
    <main className="mx-auto mt-24 max-w-sm rounded-md border border-(--border) bg-(--surface) p-6">
      <h1 className="text-[20px] font-semibold">Sign in to Postern</h1>
      <SignInForm />
    </main>
  )
}
