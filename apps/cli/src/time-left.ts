/** Owns how the rest of a wait is said. */
import { duration, formatDuration } from '@sallyport/core';

/** `9m41s left`, from milliseconds. */
export function timeLeft(ms: number): string {
  return `${formatDuration(duration(Math.max(0, ms)))} left`;
}
