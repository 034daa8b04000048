"""Dates as Ukrainian writes them: 3 травня 2026, 09:05. Django's own say 03 травень."""

DATE_FORMAT = "j E Y"
TIME_FORMAT = "H:i"
DATETIME_FORMAT = "j E Y, H:i"
MONTH_DAY_FORMAT = "j E"
