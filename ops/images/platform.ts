/** Platforms of container images, by `backend_cpu_architecture`. */
const PLATFORMS = { X86_64: "linux/amd64", ARM64: "linux/arm64" } as const;

export type Platform = (typeof PLATFORMS)[keyof typeof PLATFORMS];

/** The platform that tasks need an image of. */
export function platformOf(architecture: keyof typeof PLATFORMS): Platform {
  return PLATFORMS[architecture];
}
