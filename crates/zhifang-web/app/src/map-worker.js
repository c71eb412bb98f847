// MapLibre's worker, built as its own entry so that it shares a chunk with the page.
import '../node_modules/maplibre-gl/src/source/worker.ts';
