/** Minutes in a day, and in a week. */
const DAY = 1440;
const WEEK = 7 * DAY;

const TIME = "([01][0-9]|2[0-3]):[0-5][0-9]";
const DAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
const WEEKDAY = `(${DAYS.join("|")})`;

/** Regular expressions (RE2) for the two windows of RDS. */
export const DAILY_WINDOW = `${TIME}-${TIME}`;
export const WEEKLY_WINDOW = `${WEEKDAY}:${TIME}-${WEEKDAY}:${TIME}`;

/** Terraform expression for the minutes from the start of a daily window to its end, over midnight too. */
export function dailyMinutes(window: string): string {
  return `(${minuteOfDay(window, 1)} - ${minuteOfDay(window, 0)} + ${DAY}) % ${DAY}`;
}

/** The same for a weekly window. */
export function weeklyMinutes(window: string): string {
  return `(${minuteOfWeek(window, 1)} - ${minuteOfWeek(window, 0)} + ${WEEK}) % ${WEEK}`;
}

/** Terraform expression for whether a daily and a weekly window share a minute. Touching is not sharing. */
export function windowsOverlap(daily: string, weekly: string): string {
  const dailyStart = `day * ${DAY} + ${minuteOfDay(daily, 0)}`;
  const weeklyStart = minuteOfWeek(weekly, 0);
  // From the day before the week to the end of the next: a window may reach over either border.
  return `anytrue([for day in range(-1, 15) : ${dailyStart} < ${weeklyStart} + ${weeklyMinutes(weekly)} && ${weeklyStart} < ${dailyStart} + ${dailyMinutes(daily)}])`;
}

/** Start (0) or end (1) of `hh:mm-hh:mm`. */
function minuteOfDay(window: string, end: 0 | 1): string {
  const time = `split(":", split("-", ${window})[${end}])`;
  return `(tonumber(${time}[0]) * 60 + tonumber(${time}[1]))`;
}

/** Start (0) or end (1) of `ddd:hh:mm-ddd:hh:mm`. */
function minuteOfWeek(window: string, end: 0 | 1): string {
  const time = `split(":", split("-", ${window})[${end}])`;
  return `(index(${JSON.stringify(DAYS)}, ${time}[0]) * ${DAY} + tonumber(${time}[1]) * 60 + tonumber(${time}[2]))`;
}
