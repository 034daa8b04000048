"""What a mail server said when it took no mail, in words that name nobody."""

import smtplib
import socket
import ssl

from django.utils.translation import gettext as _

# The mailbox does not exist, so another try is useless (RFC 5321, section 4.2.3).
NOBODY_THERE = {550, 551, 553}


def is_nobody_there(error):
    if not isinstance(error, smtplib.SMTPRecipientsRefused):
        return False
    return all(code in NOBODY_THERE for code, _said in error.recipients.values())


def mail_error_in_words(error):
    """Return what went wrong with a mail server, as the end of a sentence (“12 mails wait: …”)."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, answer = next(iter(error.recipients.values()))
    elif isinstance(error, smtplib.SMTPAuthenticationError):
        return _("the mail server refuses the name or the password")
    elif isinstance(error, smtplib.SMTPResponseException):
        code, answer = error.smtp_code, error.smtp_error
    # smtplib reports a time-out within the conversation as a disconnection.
    elif isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError):
        return _("the mail server does not answer in time")
    elif isinstance(error, smtplib.SMTPServerDisconnected):
        return _("the mail server closes the connection")
    elif isinstance(error, ConnectionRefusedError):
        return _("the mail server refuses the connection")
    elif isinstance(error, socket.gaierror):
        return _("the mail server's name cannot be resolved")
    elif isinstance(error, ssl.SSLError):
        return _("the connection to the mail server is not secure")
    else:
        return _("the mail server cannot be reached (%(why)s)") % {"why": type(error).__name__}
    answer = answer.decode(errors="replace") if isinstance(answer, bytes) else answer
    answer = " ".join(str(answer).split())[:200]
    return _("the mail server answers “%(code)s %(answer)s”") % {"code": code, "answer": answer}
