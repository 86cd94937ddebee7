using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Runners;


namespace RunnerScaler.Explaining;

/// <summary>Says what keeps a pod from starting, in the words of whoever knows, and what to change.</summary>
internal static class PodTrouble
{
    /// <summary>Null if nothing is known to be wrong: that images are pulled and containers made takes its
    /// time.</summary>
    public static TroubleAnswer? Of(Runner runner)
    {
        if (runner.State == RunnerState.Lost)
            return Unusable(runner);
        if (runner is not { State: not RunnerState.Finished, Pod.WaitingReason: { } code }
            || code is "PodInitializing" or "ContainerCreating")
            return null;
        var message = runner.Pod.WaitingMessage;
        return new(code, Wording.Sentence(Sentence(code, message)), Remedy(code));
    }

    /// <summary>Whether it is an image that a pod waits for.</summary>
    public static bool IsOfImage(string code) => code is "ErrImagePull" or "ImagePullBackOff" or "ErrImageNeverPull"
        or "InvalidImageName" or "ImageInspectError" or "RegistryUnavailable";

    private static TroubleAnswer Unusable(Runner runner)
    {
        var pod = Wording.Pod(runner).Quote();
        return runner.Misfit == AnnotationMisfit.None
            ? new("Foreign", $"A pod of somebody else has the name {pod}, so the slot cannot be used.",
                "Rename or delete that pod, or the pool.")
            : new("AnnotationIgnored", GrantRule.Sentence(runner.Pod!, runner.Misfit),
                "See who wrote the annotation; delete the pod if it should not end by itself.");
    }

    private static string Sentence(string code, string? message)
    {
        var said = message is null ? "" : $": {message.TrimEnd('.', ' ')}";
        return code switch
        {
            "Unschedulable" => $"The scheduler finds no node for it{said}.",
            "SchedulingGated" => $"A scheduling gate keeps it from getting a node{said}.",
            _ when IsOfImage(code) => $"An image cannot be pulled ({code}){said}.",
            "CreateContainerConfigError" => $"A container cannot be configured{said}.",
            "CreateContainerError" or "RunContainerError" or "StartError" => $"A container does not start{said}.",
            "CrashLoopBackOff" => $"A container ends again and again{said}.",
            _ => $"Kubernetes says {code}{said}.",
        };
    }

    private static string Remedy(string code) => code switch
    {
        "Unschedulable" => "Add a node that fits, or correct what spec.template asks for: resources, nodeSelector, "
            + "affinity and tolerations. With a cluster autoscaler, see its status.",
        "SchedulingGated" => "See what has to remove the gate, such as a queueing controller, or take it out of "
            + "spec.template.",
        "ErrImagePull" or "ImagePullBackOff" or "RegistryUnavailable" => "Correct the image in spec.template or "
            + "Kubernetes:RunnerImage (or the builder's), or give the pod imagePullSecrets.",
        "ErrImageNeverPull" => "Bring the image to the node, or set another imagePullPolicy in spec.template.",
        "InvalidImageName" or "ImageInspectError" => "Correct the image in spec.template or Kubernetes:RunnerImage.",
        "CreateContainerConfigError" => "Make the Secret or ConfigMap that the sentence names, or take it out of "
            + "spec.template.",
        "CreateContainerError" or "RunContainerError" or "StartError" or "CrashLoopBackOff" =>
            "See the pod's events and its containers' logs: kubectl describe pod, kubectl logs --previous. "
            + "docs/builder.md has what the builder needs of the node.",
        _ => "See the pod's events: kubectl describe pod.",
    };
}
