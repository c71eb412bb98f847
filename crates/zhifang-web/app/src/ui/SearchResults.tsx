/** The answer to a whole search, as a list in the panel. */

import { useEffect } from 'preact/hooks';
import { api } from '../api/client';
import { lang, t } from '../i18n';
import { navigate } from '../state/app';
import { useLoaded } from '../state/load';
import { Await, Go } from './parts';
import { HitText, nearView } from './SearchBox';

export function SearchResults({ q }: { q: string }) {
  const loaded = useLoaded(`${lang.value}:${q}`, (signal) => api.search(q, nearView(), lang.value, signal));
  const only = loaded.value?.features.length === 1 ? loaded.value.features[0] : undefined;
  useEffect(() => {
    // One answer is the answer; it takes the search's place in the history.
    if (only) navigate({ page: 'place', id: only.properties.id }, { replace: true });
  }, [only]);
  return (
    <Await loaded={loaded}>
      {({ features }) =>
        features.length ? (
          <>
            <h2 tabIndex={-1}>{t('results', { n: features.length })}</h2>
            <ul class="hits">
              {features.map((hit) => (
                <li key={hit.properties.id}>
                  <Go class="hit" to={{ page: 'place', id: hit.properties.id }}>
                    <HitText properties={hit.properties} />
                  </Go>
                </li>
              ))}
            </ul>
          </>
        ) : (
          <>
            <h2 tabIndex={-1}>{t('noResults', { q })}</h2>
            <p class="note">{t('noResultsHint')}</p>
          </>
        )
      }
    </Await>
  );
}
