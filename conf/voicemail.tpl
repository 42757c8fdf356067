From: "${voicemail_caller_id_name}" <${voicemail_account}@${voicemail_domain}>
To: <${voicemail_email}>
Date: ${RFC2822_DATE}
Subject: Message from "${voicemail_caller_id_name}" ${voicemail_caller_id_number} (${voicemail_message_len})
X-Priority: ${voicemail_priority}

${voicemail_caller_id_name} (${voicemail_formatted_caller_id_number}) left a message for ${voicemail_account}.

  When      ${voicemail_time}
  Duration  ${voicemail_message_len}
  Mailbox   ${voicemail_account}@${voicemail_domain}: ${voicemail_total_new_messages} new, ${voicemail_total_saved_messages} saved
