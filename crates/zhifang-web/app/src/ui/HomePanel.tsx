/** What stands in the panel when nothing is open. */

import { address, isFolder } from '../base';
import { t } from '../i18n';
import { fly, showNation } from '../map/port';
import { askPosition, layersOpen, me, narrow, navigate, say, signInOpen } from '../state/app';
import { LineIcon, MapSymbol } from './Icon';
import { LineLegend } from './LayersPanel';
import { Go } from './parts';

export function locateMe(): void {
  askPosition().then(
    ([lon, lat]) => {
      navigate({ page: 'at', lon, lat });
      fly([lon, lat], 14);
    },
    () => say(t('locateDenied')),
  );
}

export function HomePanel() {
  return (
    <article class="home">
      <header class="brand">
        <img src={address('favicon.svg')} alt="" width="40" height="40" />
        <div>
          <h1>{t('brand')}</h1>
          <p>{t('tagline')}</p>
        </div>
      </header>
      <nav class="quick">
        <Go class="quick-button" to={{ page: 'assist' }}>
          <MapSymbol name="assistance_station" />
          {t('assist')}
        </Go>
        <button type="button" class="quick-button" onClick={locateMe}>
          <LineIcon name="pin" />
          {t('locate')}
        </button>
        {me.value ? (
          <Go class="quick-button" to={{ page: 'findings' }}>
            <MapSymbol name="finding-warning" />
            {t('findings')}
          </Go>
        ) : (
          <button type="button" class="quick-button" onClick={() => (layersOpen.value = true)}>
            <LineIcon name="layers" />
            {t('legend')}
          </button>
        )}
      </nav>
      {!narrow.value && (
        <section>
          <h2>{t('legend')}</h2>
          <LineLegend />
        </section>
      )}
      <footer class="home-foot">
        <button type="button" class="chip" onClick={showNation}>
          <LineIcon name="nation" />
          {t(isFolder ? 'wholeMap' : 'wholeNation')}
        </button>
        {!isFolder && (
          <>
            <button type="button" class="chip" onClick={() => (signInOpen.value = true)}>
              <LineIcon name="user" />
              {me.value ? me.value.name : t('signIn')}
            </button>
            <a class="chip" href={address('docs')}>
              {t('apiDocs')}
            </a>
          </>
        )}
        <p class="note">{t('dataSource')}</p>
      </footer>
    </article>
  );
}
