export function decideInstall(state: {
  nodeVersion: string;
  modulesExist: boolean;
  lockIsNewer: boolean;
  nativePackage: string;
  nativeExists: boolean;
}): { action: 'refuse' | 'nothing' | 'install'; command?: string[]; reason?: string };

interface Lock {
  packages: Record<string, { version?: string; optional?: boolean; link?: boolean }>;
}

export function lockDiffers(lock: Lock, installed: Lock): boolean;

export function nativePackageOf(operatingSystem: string, architecture: string, isMusl: boolean): string;
