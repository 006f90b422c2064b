import { loginUrl } from './links.js';
import { setUser } from './session.js';

/** Breaks the import cycle between pages, which navigate, and the router, which imports every page. */
let navigate = () => undefined;

/** Called once by the router; `show` renders the page of the current URL. */
export const onNavigation = (show) => {
  navigate = show;
};

export function go(url, { replace = false } = {}) {
  if (!replace && url !== location.pathname + location.search) {
    note({ scroll: Math.round(scrollY) });
    history.pushState({}, '', url);
  } else {
    history.replaceState({}, '', url);
  }
  return navigate();
}

/** The session ended while the page was open: goes to the log-in page, which returns here. */
export function logInAgain() {
  setUser(undefined);
  return go(loginUrl(location.pathname + location.search));
}

/** Stores state in the current history entry, for when the visitor comes back to it. */
export const note = (state) => history.replaceState({ ...history.state, ...state }, '');
