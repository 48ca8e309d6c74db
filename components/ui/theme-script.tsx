/** Sets the chosen theme before the first paint. A page that is told its theme (an embed) says so on <html> itself. */
export function ThemeScript({ nonce }: { nonce: string | undefined }) {
  const text = `try{var t=new URLSearchParams(location.search).get('theme')||localStorage.getItem('postern-theme');if(t==='dark'||t==='light')document.documentElement.dataset.theme=t}catch(e){}`
  // biome-ignore lint/security/noDangerouslySetInnerHtml: a constant text of our own, under the page's nonce
  return <script nonce={nonce} dangerouslySetInnerHTML={{ __html: text }} />
}
