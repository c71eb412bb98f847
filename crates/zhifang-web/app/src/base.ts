/** Addresses: everything is relative to the page's base, so any base path works. */

/** The absolute address of a path relative to the base; an absolute path or address is kept. */
export function address(path: string): string {
  return new URL(path, document.baseURI).href;
}

/** The base path, with a slash at its end. */
export function basePath(): string {
  return new URL('.', document.baseURI).pathname;
}

const mark = (name: string): HTMLMetaElement | null =>
  typeof document === 'undefined' ? null : document.querySelector<HTMLMetaElement>(`meta[name="zhifang-${name}"]`);

/**
 * Whether the page stands in a published folder, without the service behind it: then its start page
 * says so. Places are in the fragment of the address there, since a folder answers no other path.
 */
export const isFolder = mark('folder') !== null;

/** The address under which the folder was published, put before the addresses in its styles. */
export const folderBase = mark('folder')?.content ?? '';

/** The number under which the map was approved, where it was published with one. */
export const approvalNumber = mark('approval')?.content ?? '';
