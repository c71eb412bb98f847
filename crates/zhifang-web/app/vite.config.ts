import { fileURLToPath } from 'node:url';
import { defineConfig, type Plugin } from 'vite';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/**
 * The service speaks MVT only, so the decoder of the other tile encoding (a third of MapLibre's
 * worker) is left out. `decodeTile` can only be reached by a source that asks for that encoding.
 */
const withoutOtherTileEncoding: Plugin = {
  name: 'without-other-tile-encoding',
  enforce: 'pre',
  resolveId: (id) => (id === '@maplibre/mlt' ? '\0mlt' : null),
  load: (id) =>
    id === '\0mlt'
      ? 'export const GEOMETRY_TYPE = {}; export const decodeTile = () => { throw new Error("tiles are MVT"); };'
      : null,
};

export default defineConfig({
  base: './',
  plugins: [withoutOtherTileEncoding],
  resolve: {
    // MapLibre from its sources: page and worker then share one chunk (318 instead of 434 kB gzip).
    alias: [{ find: /^maplibre-gl$/, replacement: here('./node_modules/maplibre-gl/src/index.ts') }],
  },
  oxc: {
    // MapLibre relies on class fields that are assignments.
    assumptions: { setPublicClassFields: true },
    typescript: { removeClassFieldsWithoutInitializer: true },
    jsx: { runtime: 'automatic', importSource: 'preact' },
  },
  build: {
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 700,
    rolldownOptions: {
      input: { main: here('./index.html'), 'map-worker': here('./src/map-worker.js') },
      output: {
        entryFileNames: (chunk) => (chunk.name === 'map-worker' ? 'map-worker.js' : 'assets/[name]-[hash].js'),
        chunkFileNames: 'assets/[name]-[hash].js',
        assetFileNames: 'assets/[name]-[hash][extname]',
      },
    },
  },
});
