From: "${voicemail_caller_id_name}" <${voicemail_account}@${voicemail_domain}>
To: <${voicemail_notify_email}>
Date: ${RFC2822_DATE}
Subject: Message from "${voicemail_caller_id_name}" ${voicemail_caller_id_number} (${voicemail_message_len})
X-Priority: ${voicemail_priority}

${voicemail_time}: ${voicemail_caller_id_name} (${voicemail_formatted_caller_id_number}), ${voicemail_message_len}.
