/** Dialplans for call tests, written as `extension: application data; application data`. */

const attribute = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')

/** One `<context>`; the keys are extensions (taken as whole words), the values actions. */
export function context(name: string, extensions: Readonly<Record<string, string>>): string {
  const parts = Object.entries(extensions).map(([extension, actions]) => {
    const list = actions.split(';').map((action) => {
      const text = action.trim()
      const space = text.indexOf(' ')
      const [application, data] =
        space < 0 ? [text, ''] : [text.slice(0, space), text.slice(space + 1)]
      return `<action application="${application}" data="${attribute(data)}"/>`
    })
    return `<extension name="${extension}"><condition field="destination_number" expression="^${extension}$">${list.join('')}</condition></extension>`
  })
  return `<context name="${name}">${parts.join('')}</context>`
}
