/** Sign in with a token; the service answers with a session cookie. */

import { useEffect, useRef, useState } from 'preact/hooks';
import { api, RequestError } from '../api/client';
import { t } from '../i18n';
import { loadMe, me, session, signInOpen } from '../state/app';

export function SignIn() {
  const dialog = useRef<HTMLDialogElement>(null);
  const [trouble, setTrouble] = useState('');
  useEffect(() => {
    if (signInOpen.value) dialog.current?.showModal();
    else dialog.current?.close();
  }, [signInOpen.value]);

  const enter = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const token = String(new FormData(form).get('token') ?? '').trim();
    try {
      await api.signIn(token);
      await loadMe();
      session.value += 1;
      form.reset();
      setTrouble('');
      signInOpen.value = false;
    } catch (error) {
      const wrong = error instanceof RequestError && error.status === 401;
      setTrouble(wrong ? t('tokenWrong') : t('failed', { why: error instanceof Error ? error.message : '' }));
    }
  };
  const leave = async (): Promise<void> => {
    await api.signOut();
    me.value = null;
    session.value += 1;
    signInOpen.value = false;
  };

  return (
    <dialog ref={dialog} class="dialog" aria-labelledby="sign-in-title" onClose={() => (signInOpen.value = false)}>
      {me.value ? (
        <>
          <h2 id="sign-in-title">{t('signedInAs', { name: me.value.name, role: me.value.role })}</h2>
          <p class="actions">
            <button type="button" class="button" onClick={() => void leave()}>
              {t('signOut')}
            </button>
            <button type="button" class="button" onClick={() => (signInOpen.value = false)}>
              {t('close')}
            </button>
          </p>
        </>
      ) : (
        <form onSubmit={(event) => void enter(event as unknown as SubmitEvent)}>
          <h2 id="sign-in-title">{t('signInTitle')}</h2>
          <p class="note">{t('signInHelp')}</p>
          <label class="field">
            {t('token')}
            <input name="token" type="password" autocomplete="current-password" required />
          </label>
          {trouble && (
            <p class="trouble" role="alert">
              {trouble}
            </p>
          )}
          <p class="actions">
            <button type="submit" class="button primary">
              {t('signIn')}
            </button>
            <button type="button" class="button" onClick={() => (signInOpen.value = false)}>
              {t('close')}
            </button>
          </p>
        </form>
      )}
    </dialog>
  );
}
