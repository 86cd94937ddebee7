using System.Text.Json.Nodes;

namespace RunnerScaler.Kubernetes.Importing;

/// <summary>What jobs built images with, or ran containers with.</summary>
/// <param name="Docker">There was a Docker daemon.</param>
/// <param name="Hooks">Containers of jobs were pods of their own.</param>
/// <param name="Resources">The daemon's resources; null if nothing was said of them.</param>
internal sealed record BuildTools(bool Docker, bool Hooks, JsonObject? Resources)
{
    /// <summary>Sets <c>spec.builder</c>, and says what is different.</summary>
    public void PutInto(PoolDraft draft)
    {
        if (Hooks)
            draft.Note("Jobs with 'container:' and 'services:' had pods of their own (ARC's kubernetes mode); here "
                + "they "
                + "do not run: docs/builds.md tells what to do instead.");
        if (!Docker)
        {
            draft.Spec["builder"] = new JsonObject { ["mode"] = "None" };
            draft.Note("ARC gave these jobs nothing to build images with, so builder.mode is None: remove it, and "
                + "each pod "
                + "has a rootless BuildKit.");
            return;
        }
        draft.Note("The Docker daemon is replaced by a rootless BuildKit: 'docker build', buildx and Docker's own "
            + "actions "
            + "work as before, 'docker run' and 'container:' do not (docs/builds.md).");
        var resources = new JsonObject();
        foreach (var part in (string[])["requests", "limits"])
        {
            var amounts = new JsonObject();
            foreach (var name in (string[])["cpu", "memory", "ephemeral-storage"])
                if (Resources.Fields(part).Text(name) is { } amount)
                    amounts[name] = amount;
            resources.Keep(part, amounts);
        }
        if (resources.Count > 0)
            draft.Part("builder").Keep("resources", resources);
    }
}
