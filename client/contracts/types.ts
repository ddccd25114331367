/** TypeScript's types of what functions of an ABI take and answer, as ethers gives it. Types only. */

interface Parameter {
  readonly name: string;
  readonly type: string;
  readonly components?: readonly Parameter[];
}

interface Fragment {
  readonly type: string;
  readonly name?: string;
  readonly stateMutability?: string;
  readonly inputs?: readonly Parameter[];
  readonly outputs?: readonly Parameter[];
}

/** The functions of an ABI that change nothing. ethers takes what overrides a call, such as `blockTag`, after the arguments. */
export type Reads<Abi extends readonly Fragment[]> = {
  readonly [F in Extract<Abi[number], { type: 'function'; stateMutability: 'view' | 'pure' }> as NonNullable<
    F['name']
  >]: (...args: Arguments<NonNullable<F['inputs']>>) => Promise<Answer<NonNullable<F['outputs']>>>;
};

type Arguments<P extends readonly Parameter[]> = { readonly [I in keyof P]: Taken<P[I]['type']> };

type Taken<Type extends string> = Type extends `${string}[${string}]`
  ? readonly unknown[]
  : Type extends `${'u' | ''}int${string}`
    ? number | bigint
    : Type extends 'bool'
      ? boolean
      : Type extends 'tuple'
        ? object
        : string;

/** One value as it is, several as an array with their names. */
type Answer<P extends readonly Parameter[]> = P extends readonly [infer Only extends Parameter]
  ? Given<Only, Only['type']>
  : Struct<P>;

type Struct<P extends readonly Parameter[]> = { readonly [I in keyof P]: Given<P[I], P[I]['type']> } & {
  readonly [Named in P[number] as Named['name']]: Given<Named, Named['type']>;
};

type Given<P extends Parameter, Type extends string> = Type extends `${infer Item}[${string}]`
  ? readonly Given<P, Item>[]
  : Type extends `${'u' | ''}int${string}`
    ? bigint
    : Type extends 'bool'
      ? boolean
      : Type extends 'tuple'
        ? Struct<NonNullable<P['components']>>
        : string;
