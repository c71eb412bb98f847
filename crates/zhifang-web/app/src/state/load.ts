/** Loads what a card shows and keeps only the latest answer. */

import { useEffect, useState } from 'preact/hooks';
import { isAbort, RequestError } from '../api/client';

export interface Loaded<T> {
  value: T | null;
  error: RequestError | null;
  loading: boolean;
  retry: () => void;
}

/** Runs `load` whenever `key` changes; the answer to an older key is dropped. */
export function useLoaded<T>(key: string, load: (signal: AbortSignal) => Promise<T>): Loaded<T> {
  const [state, setState] = useState<{ key: string; value: T | null; error: RequestError | null }>({
    key: '',
    value: null,
    error: null,
  });
  const [round, setRound] = useState(0);
  useEffect(() => {
    const control = new AbortController();
    load(control.signal).then(
      (value) => {
        if (!control.signal.aborted) setState({ key, value, error: null });
      },
      (error: unknown) => {
        if (isAbort(error) || control.signal.aborted) return;
        setState({ key, value: null, error: error instanceof RequestError ? error : new RequestError(0, String(error)) });
      },
    );
    return () => control.abort();
    // `load` closes over what `key` names.
  }, [key, round]);
  const current = state.key === key;
  return {
    value: current ? state.value : null,
    error: current ? state.error : null,
    loading: !current,
    retry: () => {
      setState({ key: '', value: null, error: null });
      setRound((n) => n + 1);
    },
  };
}
