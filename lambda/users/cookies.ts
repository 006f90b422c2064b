import type { Context } from 'hono';
import { getCookie, setCookie } from 'hono/cookie';
import { sessionCookie } from '../shared/identity';
import { ABSOLUTE_MS } from './seen';

const DEVICE_DAYS = 180;

/** The cookie lives as long as a session can; the server decides when the session ends. */
export function setSessionCookie(c: Context, token: string): void {
  const { name, secure } = sessionCookie(c);
  setCookie(c, name, token, {
    path: '/',
    httpOnly: true,
    secure,
    sameSite: 'Lax',
    maxAge: ABSOLUTE_MS / 1000,
  });
}

export function clearSessionCookie(c: Context): void {
  const { name, secure } = sessionCookie(c);
  setCookie(c, name, '', { path: '/', httpOnly: true, secure, sameSite: 'Lax', maxAge: 0 });
}

export function readDeviceCookie(c: Context): string | undefined {
  return getCookie(c, deviceCookieName(c).name);
}

/** Only log-in reads it. It survives logging out: that is what it is for. */
export function setDeviceCookie(c: Context, value: string): void {
  const { name, secure } = deviceCookieName(c);
  setCookie(c, name, value, {
    path: '/',
    httpOnly: true,
    secure,
    sameSite: 'Strict',
    maxAge: DEVICE_DAYS * 86_400,
  });
}

function deviceCookieName(c: Context): { name: string; secure: boolean } {
  const { secure } = sessionCookie(c);
  return { name: secure ? '__Host-device' : 'device', secure };
}
