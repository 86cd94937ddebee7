using System.Collections.Immutable;
using RunnerScaler.Protocol;

namespace RunnerImage.Docker;

/// <summary>What the wrapper knows besides the arguments.</summary>
/// <param name="HasBuilder">Whether the pod has a BuildKit of ours; without one, nothing is touched.</param>
/// <param name="HasDocker">Whether a Docker daemon can be reached, because the job or the pool brought one.</param>
/// <param name="Action">The repository of the action that calls (<c>GITHUB_ACTION_REPOSITORY</c>); empty in a
/// <c>run</c> step.</param>
/// <param name="ActionVersion">The action's tag, branch or commit (<c>GITHUB_ACTION_REF</c>).</param>
/// <param name="BuildKitIsOff">Whether <c>DOCKER_BUILDKIT</c> asks for the builder inside the daemon.</param>
/// <param name="Registries">How the pool says that registries are reached.</param>
internal sealed record DockerFacts(
    bool HasBuilder, bool HasDocker, string Action, string ActionVersion, bool BuildKitIsOff,
    ImmutableArray<PodRegistry> Registries);
