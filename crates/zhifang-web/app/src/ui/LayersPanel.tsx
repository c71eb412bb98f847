/** Layers and what their symbols mean. */

import { t, term, type Key } from '../i18n';
import { DESK_GROUPS, groupChanges, groups, layersOpen, me, STYLE_CHOICES, styleChoice } from '../state/app';
import { LineIcon, MapSymbol } from './Icon';
import { KINDS } from './AssistView';

const LINE_LEVELS = ['country', 'coast', 'province', 'prefecture', 'county', 'township', 'village'];
const STATES = ['good', 'tilted', 'damaged', 'buried', 'moved', 'missing'];

/** Line symbols of the legend, as on the map. Classes, because inline styles are not allowed. */
function LineSample({ level }: { level: string }) {
  return (
    <svg class={`sample sample-${level}`} viewBox="0 0 44 12" aria-hidden="true" focusable="false">
      <path class="casing" d="M2 6h40" />
      <path class="line" d="M2 6h40" />
    </svg>
  );
}

export function LineLegend() {
  return (
    <ul class="legend-list">
      {LINE_LEVELS.map((level) => (
        <li key={level}>
          <LineSample level={level} />
          {t(`line_${level}` as Key)}
        </li>
      ))}
    </ul>
  );
}

function Symbols({ names }: { names: [string, string][] }) {
  return (
    <ul class="legend-list two">
      {names.map(([symbol, text]) => (
        <li key={symbol}>
          <MapSymbol name={symbol} />
          {text}
        </li>
      ))}
    </ul>
  );
}

function GroupLegend({ group }: { group: string }) {
  switch (group) {
    case 'divisions':
      return <LineLegend />;
    case 'markers':
      return (
        <Symbols
          names={[
            ...STATES.map((s): [string, string] => [`marker-${s}`, term('state', s)]),
            ['tripoint-good', t('tripoint')],
          ]}
        />
      );
    case 'services':
      return <Symbols names={[...KINDS, 'hotline'].map((k): [string, string] => [k, term('kind', k)])} />;
    case 'findings':
      return <Symbols names={['error', 'warning', 'info'].map((s): [string, string] => [`finding-${s}`, term('sev', s)])} />;
    case 'claims':
      return (
        <ul class="legend-list">
          <li>
            <LineSample level="claim-a" />
            {t('claimA')}
          </li>
          <li>
            <LineSample level="claim-b" />
            {t('claimB')}
          </li>
        </ul>
      );
    default:
      return null;
  }
}

const SYMBOL_OF: Record<string, string> = { cemeteries: 'cemetery', projects: 'project', signs: 'sign' };

export function LayersPanel() {
  if (!layersOpen.value) return null;
  const shown = groups.value;
  const offered = Object.keys(shown).filter((g) => me.value || !DESK_GROUPS.includes(g));
  return (
    <aside class="layers" aria-label={t('layers')}>
      <header>
        <h2>{t('layers')}</h2>
        <button type="button" class="icon-button" aria-label={t('close')} onClick={() => (layersOpen.value = false)}>
          <LineIcon name="close" />
        </button>
      </header>
      <div class="layers-body">
        <fieldset class="segments">
          <legend>{t('mapStyle')}</legend>
          {STYLE_CHOICES.map((choice) => (
            <label key={choice}>
              <input
                type="radio"
                name="style"
                value={choice}
                checked={styleChoice.value === choice}
                onChange={() => (styleChoice.value = choice)}
              />
              <span>{t(`style_${choice}` as Key)}</span>
            </label>
          ))}
        </fieldset>
        {offered.map((group) => (
          <div class="layer-group" key={group}>
            <label class="switch">
              <input
                type="checkbox"
                role="switch"
                checked={shown[group]}
                onChange={(event) => {
                  groupChanges.value = { ...groupChanges.value, [group]: event.currentTarget.checked };
                }}
              />
              <span>{t(`layer_${group}` as Key)}</span>
              {SYMBOL_OF[group] && <MapSymbol name={SYMBOL_OF[group]!} />}
            </label>
            {shown[group] && <GroupLegend group={group} />}
          </div>
        ))}
      </div>
    </aside>
  );
}
