/**
 * The parts of ONNX's protocol buffers that models need, https://github.com/onnx/onnx/blob/main/onnx/onnx.proto; field
 * numbers as there. Unknown fields are skipped when read.
 */
import protobuf from 'protobufjs/light.js';

export interface TensorProto {
  dims?: number[];
  dataType?: number;
  floatData?: number[];
  int32Data?: number[];
  int64Data?: number[];
  doubleData?: number[];
  stringData?: Uint8Array[];
  name?: string;
  rawData?: Uint8Array;
  /** Where in another file the data is: `location`, `offset`, `length`. */
  externalData?: { key: string; value: string }[];
  /** 1 is data in another file. */
  dataLocation?: number;
}

export interface AttributeProto {
  name: string;
  type: number;
  f?: number;
  i?: number;
  s?: Uint8Array;
  t?: TensorProto;
  g?: GraphProto;
  floats?: number[];
  ints?: number[];
  strings?: Uint8Array[];
}

/** A node, as ONNX files have it. */
export interface NodeProto {
  input?: string[];
  output?: string[];
  name?: string;
  opType: string;
  domain?: string;
  attribute?: AttributeProto[];
}

export interface ValueInfoProto {
  name: string;
  type?: { tensorType?: { elemType?: number; shape?: { dim?: { dimValue?: number; dimParam?: string }[] } } };
}

export interface GraphProto {
  node?: NodeProto[];
  name?: string;
  initializer?: TensorProto[];
  input?: ValueInfoProto[];
  output?: ValueInfoProto[];
}

export interface ModelProto {
  irVersion?: number;
  producerName?: string;
  producerVersion?: string;
  graph?: GraphProto;
  opsetImport?: { domain?: string; version?: number }[];
  metadataProps?: { key?: string; value?: string }[];
}

const one = (type: string, id: number) => ({ type, id });
const many = (type: string, id: number, packed = false) => ({
  rule: 'repeated',
  type,
  id,
  options: { packed },
});

const root = protobuf.Root.fromJSON({
  nested: {
    TensorProto: {
      fields: {
        dims: many('int64', 1),
        dataType: one('int32', 2),
        floatData: many('float', 4, true),
        int32Data: many('int32', 5, true),
        stringData: many('bytes', 6),
        int64Data: many('int64', 7, true),
        name: one('string', 8),
        rawData: one('bytes', 9),
        doubleData: many('double', 10, true),
        externalData: many('StringStringEntry', 13),
        dataLocation: one('int32', 14),
      },
    },
    StringStringEntry: { fields: { key: one('string', 1), value: one('string', 2) } },
    AttributeProto: {
      fields: {
        name: one('string', 1),
        f: one('float', 2),
        i: one('int64', 3),
        s: one('bytes', 4),
        t: one('TensorProto', 5),
        g: one('GraphProto', 6),
        floats: many('float', 7),
        ints: many('int64', 8),
        strings: many('bytes', 9),
        type: one('int32', 20),
      },
    },
    NodeProto: {
      fields: {
        input: many('string', 1),
        output: many('string', 2),
        name: one('string', 3),
        opType: one('string', 4),
        attribute: many('AttributeProto', 5),
        domain: one('string', 7),
      },
    },
    Dimension: {
      oneofs: { value: { oneof: ['dimValue', 'dimParam'] } },
      fields: { dimValue: one('int64', 1), dimParam: one('string', 2) },
    },
    TensorShapeProto: { fields: { dim: many('Dimension', 1) } },
    TensorTypeProto: { fields: { elemType: one('int32', 1), shape: one('TensorShapeProto', 2) } },
    TypeProto: { fields: { tensorType: one('TensorTypeProto', 1) } },
    ValueInfoProto: { fields: { name: one('string', 1), type: one('TypeProto', 2) } },
    GraphProto: {
      fields: {
        node: many('NodeProto', 1),
        name: one('string', 2),
        initializer: many('TensorProto', 5),
        input: many('ValueInfoProto', 11),
        output: many('ValueInfoProto', 12),
      },
    },
    OperatorSetId: { fields: { domain: one('string', 1), version: one('int64', 2) } },
    StringStringEntryProto: { fields: { key: one('string', 1), value: one('string', 2) } },
    ModelProto: {
      fields: {
        irVersion: one('int64', 1),
        producerName: one('string', 2),
        producerVersion: one('string', 3),
        graph: one('GraphProto', 7),
        opsetImport: many('OperatorSetId', 8),
        metadataProps: many('StringStringEntryProto', 14),
      },
    },
  },
});
const modelType = root.lookupType('ModelProto');

export function encodeModel(model: ModelProto): Uint8Array {
  return Uint8Array.from(modelType.encode(modelType.fromObject(model)).finish());
}

/** Throws where the bytes are no protocol buffer. */
export function decodeModel(bytes: Uint8Array): ModelProto {
  return modelType.toObject(modelType.decode(bytes), { longs: Number, arrays: false }) as ModelProto;
}
