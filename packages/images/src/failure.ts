/** The reason why an image cannot be built. The message names what is missing or wrong. */
export class ImageFailure extends Error {}
