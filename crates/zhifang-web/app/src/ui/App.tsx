/** Everything that lies over the map. */

import { approvalNumber, isFolder } from '../base';
import { t } from '../i18n';
import { zoomBy, showNation } from '../map/port';
import { layersOpen, me, online, signInOpen, toast } from '../state/app';
import { locateMe } from './HomePanel';
import { LineIcon } from './Icon';
import { LayersPanel } from './LayersPanel';
import { Panel } from './Panel';
import { SearchBox } from './SearchBox';
import { SignIn } from './SignIn';

interface ControlProps {
  icon: string;
  label: string;
  onClick: () => void;
  pressed?: boolean;
  wide?: boolean;
}

function Control({ icon, label, onClick, pressed, wide }: ControlProps) {
  return (
    <button type="button" class={wide ? 'control only-wide' : 'control'} aria-label={label} title={label} aria-pressed={pressed} onClick={onClick}>
      <LineIcon name={icon} />
    </button>
  );
}

export function App() {
  return (
    <>
      <SearchBox />
      <Panel />
      <div class="controls" role="group" aria-label={t('mapStyle')}>
        <Control icon="layers" label={t('layers')} pressed={layersOpen.value} onClick={() => (layersOpen.value = !layersOpen.value)} />
        <Control icon="locate" label={t('locate')} onClick={locateMe} />
        <Control wide icon="nation" label={t(isFolder ? 'wholeMap' : 'wholeNation')} onClick={showNation} />
        {!isFolder && (
          <Control wide icon="user" label={me.value ? me.value.name : t('signIn')} onClick={() => (signInOpen.value = true)} />
        )}
        <span class="zoom">
          <Control icon="plus" label={t('zoomIn')} onClick={() => zoomBy(1)} />
          <Control icon="minus" label={t('zoomOut')} onClick={() => zoomBy(-1)} />
        </span>
      </div>
      <LayersPanel />
      <p class="attribution">
        <span>{approvalNumber ? t('approvalNumber', { number: approvalNumber }) : t('approval')}</span>
        <span class="attribution-source"> · {t('dataSource')}</span>
      </p>
      <div class="crosshair" aria-hidden="true" />
      {!online.value && (
        <p class="banner" role="status">
          {t('offline')}
        </p>
      )}
      <p class="toast" role="status" hidden={!toast.value}>
        {toast.value}
      </p>
      {!isFolder && <SignIn />}
    </>
  );
}
