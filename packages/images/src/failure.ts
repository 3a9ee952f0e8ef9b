/** What keeps an image from being made. The message says what is missing or wrong. */
export class ImageFailure extends Error {}
