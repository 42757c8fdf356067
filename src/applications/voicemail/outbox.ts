/** Mails that wait to be sent. */

/** A mail that waits to be sent. */
export interface Mail {
  readonly id: string
  readonly recipient: string
  readonly sender: string
  /** One a line, `${}` resolved. */
  readonly headers: string
  readonly body: string
  /** A file of the mail's own; empty: none. */
  readonly attachment: string
  /** What the recipient sees it called. */
  readonly attachmentName: string
  /** What is run to turn the file into another form, and that form's extension; empty: nothing. */
  readonly conversion: { readonly command: string; readonly extension: string }
  /** It was taken out of the mailbox for the mail: should nobody take the mail it comes back there. */
  readonly restores: boolean
  readonly user: string
  readonly domain: string
  readonly callerName: string
  readonly callerNumber: string
  readonly readFlags: string
}

/** Where mails go to be sent. */
export interface MailOutbox {
  /** Keeps it; it goes out with the next `wake`. */
  add(mail: Mail): void
  wake(): void
}
