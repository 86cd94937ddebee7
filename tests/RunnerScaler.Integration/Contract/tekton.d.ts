// The part of Tekton's v1 API (https://tekton.dev/docs/pipelines/pipeline-api/) that the examples use. No package ships that
// API's schema, so this is written by hand: what is not here is taken for a mistake.
import type { IEnvVar } from "kubernetes-models/v1/EnvVar";
import type { IPersistentVolumeClaim } from "kubernetes-models/v1/PersistentVolumeClaim";
import type { IPodSecurityContext } from "kubernetes-models/v1/PodSecurityContext";
import type { IObjectMeta } from "@kubernetes-models/apimachinery/apis/meta/v1/ObjectMeta";

interface Named { name: string }
interface Described extends Named { description?: string }
interface ParamSpec extends Described { type?: "string" | "array" | "object"; default?: string | string[] }
interface Param extends Named { value: string | string[] }
interface Step extends Named {
  image: string; command?: string[]; args?: string[]; script?: string; env?: IEnvVar[]; workingDir?: string;
}

export interface ITask {
  apiVersion: "tekton.dev/v1"; kind: "Task"; metadata: IObjectMeta;
  spec: {
    description?: string; params?: ParamSpec[]; results?: Described[]; steps: Step[];
    workspaces?: (Described & { readOnly?: boolean; optional?: boolean; mountPath?: string })[];
  };
}
export interface IPipeline {
  apiVersion: "tekton.dev/v1"; kind: "Pipeline"; metadata: IObjectMeta;
  spec: {
    description?: string; params?: ParamSpec[]; workspaces?: Described[]; results?: (Described & { value: string })[];
    tasks: (Named & {
      taskRef: Named; params?: Param[]; runAfter?: string[]; workspaces?: (Named & { workspace: string })[];
    })[];
  };
}
export interface IPipelineRun {
  apiVersion: "tekton.dev/v1"; kind: "PipelineRun"; metadata: IObjectMeta;
  spec: {
    pipelineRef: Named; params?: Param[]; timeouts?: { pipeline?: string; tasks?: string; finally?: string };
    taskRunTemplate?: { serviceAccountName?: string; podTemplate?: { securityContext?: IPodSecurityContext } };
    workspaces?: (Named & {
      secret?: { secretName: string }; emptyDir?: {};
      volumeClaimTemplate?: Pick<IPersistentVolumeClaim, "spec">;
    })[];
  };
}
