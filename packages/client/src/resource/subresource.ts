import type { DeepReadonly, KubernetesObject, ResourceDescriptor } from '@fairway/protocol';
import type { ApplyPartShape, ApplyShape } from './apply-shape.ts';
import type {
  ApplyOptions,
  Form,
  GetOptions,
  InForm,
  NamespaceOption,
  Patch,
  WriteOptions,
} from './call-options.ts';
import { getObject } from './read-resource.ts';
import type { CallContext } from './resource-call.ts';
import { objectPath, requireText } from './resource-path.ts';

/** A part of an object with rights and a form of its own: `status`, `scale`, `resize`. */
export interface Subresource<S extends KubernetesObject> {
  get<F extends Form = 'object'>(
    options?: Omit<GetOptions, 'namespace'> & { readonly as?: F },
  ): Promise<InForm<S, F>>;
  create<Answer extends KubernetesObject = S>(
    object: S | DeepReadonly<S>,
    options?: Omit<WriteOptions, 'namespace'>,
  ): Promise<Answer>;
  replace(object: S | DeepReadonly<S>, options?: Omit<WriteOptions, 'namespace'>): Promise<S>;
  patch(patch: Patch, options?: Omit<WriteOptions, 'namespace'>): Promise<S>;
  /** Says which fields this part must have; they belong to the field manager from then on. */
  apply(object: ApplyPartShape<S>, options?: Omit<ApplyOptions, 'namespace'>): Promise<S>;
}

/** Binds the calls of a subresource to one object. */
export function subresourceOf<S extends KubernetesObject>(
  context: CallContext,
  subject: {
    readonly kind: ResourceDescriptor;
    readonly name: string;
    readonly subresource: string;
  },
  where: NamespaceOption,
): Subresource<S> {
  const { kind, name } = subject;
  const subresource = requireText(subject.subresource, `the subresource of a ${kind.kind}`);
  // One that cannot be named is refused here, before any call.
  objectPath(context, subject, where);
  const part = { kind: kind as ResourceDescriptor<S>, name, subresource };
  const writing = (): Promise<typeof import('./write-resource.ts')> =>
    import('./write-resource.ts');
  return {
    get: (options = {}) => getObject(context, part, { ...options, ...where }),
    create: async <Answer extends KubernetesObject>(object: S | DeepReadonly<S>, options = {}) =>
      (await (
        await writing()
      ).createPart<KubernetesObject>(
        context,
        { ...part, object },
        { ...options, ...where },
      )) as Answer,
    replace: async (object, options = {}) =>
      (await writing()).replaceObject(context, { ...part, object }, { ...options, ...where }),
    patch: async (patch, options = {}) =>
      (await writing()).patchObject(context, { ...part, patch }, { ...options, ...where }),
    apply: async (object, options = {}) => {
      const named = { ...object, metadata: { ...object.metadata, name } };
      const applied = { kind, object: named as ApplyShape<KubernetesObject>, subresource };
      const { applyObject } = await writing();
      return (await applyObject(context, applied, { ...options, ...where })) as S;
    },
  };
}
