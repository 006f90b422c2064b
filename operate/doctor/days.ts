export const day = (date: Date): string => date.toISOString().slice(0, 10);

export const daysUntil = (date: Date, now: Date): number => (date.getTime() - now.getTime()) / 86_400_000;

export const daysSince = (date: Date, now: Date): number => -daysUntil(date, now);
