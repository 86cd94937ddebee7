using RunnerImage.Builders;
using RunnerImage.Images;
using RunnerImage.Posix;
using RunnerScaler.Protocol;

namespace RunnerImage.Buildx;

/// <summary>The program under the name <c>docker-buildx</c>: asks <see cref="Shim"/> and does it.</summary>
internal sealed class ShimProgram(JobPod pod, TextWriter output, TextWriter error, TimeProvider time)
{
    /// <summary>Runs a call.</summary>
    /// <returns>The exit code, unless this process has become another program.</returns>
    public async Task<int> RunAsync(IReadOnlyList<string> arguments)
    {
        var job = BuildxLine.Parse(arguments).ConfigFolder is { Length: > 0 } folder
            ? pod.WithDockerConfig(folder)
            : pod;
        var real = RealBuildx.Choose(job.DockerConfig, RealBuildx.OfImage,
            Environment.ProcessPath ?? "", Programs.Resolve);
        if (PluginAnswer.IsAsked(arguments) && new PluginAnswer(real, job.StateFolder).Print(output))
            return 0;
        var decision = Shim.Decide(arguments, FactsOf(job));
        new JobLog(job, error).Say(decision.Messages);
        if (decision.Action == ShimAction.Fail || await IsOutOfReachAsync(decision.Address))
            return 1;
        if (decision.Builder is { } builder)
            Native.SetVariable(BuilderEntry.Variable, builder.Length == 0 ? null : builder);
        if (decision.AsksRegistries)
            return AskRegistries(job, real, decision);
        return decision.Action == ShimAction.Note
            ? await BuildAsync(job, real, decision)
            : Programs.Become(real, decision.Arguments, error);
    }

    private int AskRegistries(JobPod job, string real, Decision decision)
    {
        using var access = RegistryAccess.Open(job, decision.Asker);
        if (!access.IsNeeded)
        {
            foreach (var variable in access.Variables)
                if (variable.Split('=', 2) is [var name, var value])
                    Native.SetVariable(name, value);
            return Programs.Become(real, decision.Arguments, error);
        }

        var end = new Child().Run(
            Environment.ProcessPath!, ChildLauncher.Arguments(access.Variables, real, decision.Arguments));
        if (end is not var (code, signal))
            return Programs.CannotStart;
        return signal == 0 ? code : Native.DieOf(signal);
    }

    private async Task<int> BuildAsync(JobPod job, string real, Decision decision)
    {
        var build = new NotedBuild(job, error, time);
        if (decision.Images is not { } use)
            return await build.RunAsync(real, decision.Arguments, decision.Address, ended => ended);
        using var images = new BuildImages(StorePlace.Open(pod), real, error);
        return await build.RunAsync(real, images.Prepare(decision.Arguments, use), decision.Address, images.End);
    }

    private async Task<bool> IsOutOfReachAsync(string? address)
    {
        using var hidden = pod.TlsFolder is null ? null : SystemCertificates.Hide();
        if (address is null
            || await new DaemonCheck(pod, time).FindProblemAsync(address) is not { } problem)
            return false;
        new JobLog(pod, error).Say(Message.Error("builder", $"BuildKit does not answer: {problem.TrimEnd('.')}."));
        return true;
    }

    private static ShimFacts FactsOf(JobPod job)
    {
        var store = new BuildxStore(job.BuildxFolder);
        if (job.Mode != BuilderMode.None
            && job.Value(BuilderEntry.Variable) is null or BuilderEntry.Name or ShimFacts.DockerBuilder)
            store.Complete(job.BuilderAddress, job.TlsFolder);
        return new(
            job.Mode,
            job.BuilderAddress,
            job.TlsFolder,
            job.HasDocker,
            job.Value(BuilderEntry.Variable),
            store.Current(),
            job.Value("BUILDKIT_HOST"),
            store.EndpointsOf,
            ReadText);
    }

    private static string? ReadText(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException
            or NotSupportedException)
        {
            return null;
        }
    }
}
