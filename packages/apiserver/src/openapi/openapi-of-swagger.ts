import { type Said, saidObject, saidText, saidTexts } from '@fairway/protocol';
import { httpMethods, schemaReference } from './open-api-document.ts';
import { schemaDefinitions } from './swagger-schema.ts';

/**
 * A document of OpenAPI v3 that says what one of v2 does, of which nothing is known but that it nests only so
 * deep. Security and what else is not about requests and schemas is left out.
 *
 * Source: kube-openapi, `ConvertV2ToV3`; OpenAPI (Swagger) 2.0; OpenAPI 3.0.0.
 */
export function openApiOfSwagger(swagger: Said): Said {
  const types: MediaTypes = {
    consumes: saidTexts(swagger['consumes']),
    produces: saidTexts(swagger['produces']),
  };
  const shared = saidObject(swagger['parameters']);
  const paths = mapFields(swagger['paths'], (path) => pathOf(path, { ...types, shared }));
  return { paths, components: { schemas: mapFields(swagger['definitions'], schemaOf) } };
}

/** What requests and answers are written in, where an operation does not say. */
interface MediaTypes {
  readonly consumes: readonly string[];
  readonly produces: readonly string[];
}

interface DocumentWide extends MediaTypes {
  /** Parameters to which operations point. */
  readonly shared: Said;
}

function pathOf(path: Said, wide: DocumentWide): Said {
  const operations = httpMethods.flatMap((method) =>
    path[method] === undefined ? [] : [[method, operationOf(saidObject(path[method]), wide)]],
  );
  const { parameters } = splitParameters(path['parameters'], wide);
  return {
    ...(Object.fromEntries(operations) as object),
    ...(parameters.length > 0 && { parameters }),
  };
}

function operationOf(operation: Said, wide: DocumentWide): Said {
  const { consumes, produces, schemes: _, parameters: given, responses, ...rest } = operation;
  const consumed = consumes === undefined ? wide.consumes : saidTexts(consumes);
  const produced = produces === undefined ? wide.produces : saidTexts(produces);
  const { body, parameters } = splitParameters(given, wide);
  return {
    ...rest,
    ...(parameters.length > 0 && { parameters }),
    ...(body && { requestBody: bodyOf(body, consumed) }),
    responses: mapFields(responses, ({ schema, ...response }) => ({
      description: saidText(response['description']),
      ...(schema !== undefined && { content: contentOf(schema, produced) }),
    })),
  };
}

/** The body of v2 is one of its parameters. */
function splitParameters(
  given: unknown,
  { shared }: DocumentWide,
): { readonly body: Said | undefined; readonly parameters: readonly Said[] } {
  const all = (Array.isArray(given) ? given : []).map((each) => {
    const parameter = saidObject(each);
    const { $ref } = parameter;
    if (typeof $ref !== 'string') return parameter;
    return saidObject(shared[$ref.slice('#/parameters/'.length)]);
  });
  return {
    body: all.find((each) => each['in'] === 'body'),
    parameters: all.filter((each) => each['in'] !== 'body').map(parameterOf),
  };
}

/** What v2 says of the values of a parameter stands in a schema in v3. */
function parameterOf(parameter: Said): Said {
  const { name, in: place, description, required, uniqueItems = true, type, format } = parameter;
  return {
    name: saidText(name),
    in: saidText(place),
    ...(description !== undefined && { description }),
    ...(required === true && { required }),
    schema: { type, uniqueItems, ...(format !== undefined && { format }) },
  };
}

function bodyOf({ schema, required }: Said, types: readonly string[]): Said {
  return { content: contentOf(schema, types), ...(required === true && { required }) };
}

function contentOf(schema: unknown, types: readonly string[]): Said {
  const converted = schemaOf(saidObject(schema));
  return Object.fromEntries(types.map((type) => [type, { schema: converted }]));
}

/** In v3 nothing stands beside a reference, so what v2 has there stands beside a list of one. */
function schemaOf(schema: Said): Said {
  const { $ref, properties, items, additionalProperties, allOf, ...rest } = schema;
  const converted = {
    ...rest,
    ...(properties !== undefined && { properties: mapFields(properties, schemaOf) }),
    ...(items !== undefined && { items: schemaOf(saidObject(items)) }),
    ...(additionalProperties !== undefined && {
      additionalProperties:
        typeof additionalProperties === 'boolean'
          ? additionalProperties
          : schemaOf(saidObject(additionalProperties)),
    }),
    ...(Array.isArray(allOf) && { allOf: allOf.map((each) => schemaOf(saidObject(each))) }),
  };
  if (typeof $ref !== 'string') return converted;
  const reference = { $ref: schemaReference + $ref.slice(schemaDefinitions.length) };
  return Object.keys(converted).length === 0 ? reference : { ...converted, allOf: [reference] };
}

function mapFields(value: unknown, change: (field: Said) => Said): Said {
  const fields = Object.entries(saidObject(value));
  return Object.fromEntries(fields.map(([name, field]) => [name, change(saidObject(field))]));
}
