using System.Globalization;
using RunnerScaler.Protocol;
using RunnerScaler.Sandbox.GitHub;
using YamlDotNet.Core;
using YamlDotNet.Serialization;
using YamlDotNet.Serialization.NamingConventions;

namespace RunnerScaler.Sandbox.Scenario;

/// <summary>Reads a scenario from a YAML file; <c>docs/scenarios.md</c> describes it.</summary>
internal static class ScenarioFile
{
    /// <exception cref="ScenarioException">The file is missing or says something that makes no sense.</exception>
    public static ScenarioSpec Read(string path)
    {
        if (!File.Exists(path))
            throw new ScenarioException(
                $"There is no scenario '{path}': name one of {string.Join(", ", Scenarios.Names)}, or a YAML file.");
        try
        {
            var document = new DeserializerBuilder()
                .WithNamingConvention(CamelCaseNamingConvention.Instance)
                .Build()
                .Deserialize<Document?>(File.ReadAllText(path))
                ?? throw new ScenarioException($"{path} is empty.");
            return ToScenario(path, document);
        }
        catch (YamlException e)
        {
            throw new ScenarioException($"{path}, line {e.Start.Line}: {e.InnerException?.Message ?? e.Message}");
        }
    }

    private static ScenarioSpec ToScenario(string path, Document document)
    {
        if (document.Workload.Count == 0)
            throw new ScenarioException($"{path}: 'workload' lists no runs.");
        var steps = document.Workload.Select((run, i) => ToStep($"{path}: workload[{i}]", run)).ToArray();
        return new()
        {
            Name = document.Name ?? Path.GetFileNameWithoutExtension(path),
            Description = document.Description ?? "",
            Repositories = [.. steps.Select(s => s.Repository).Distinct()],
            Pool = new()
            {
                Labels = [.. document.Pool.Labels ?? ["self-hosted", "linux", "x64"]],
                MaxRunners = document.Pool.MaxRunners,
                Standby = document.Pool.Standby,
            },
            Nodes = new() { Count = document.Nodes.Count, Pods = document.Nodes.Pods },
            Steps = [.. steps.OrderBy(s => s.At)],
            LostRights = [.. document.LostRights.Select((right, i) => ToRight($"{path}: lostRights[{i}]", right))],
            Deadline = Time(path, document.Deadline),
        };
    }

    private static WorkloadStep ToStep(string where, RunEntry run)
    {
        if (string.IsNullOrEmpty(run.Repository) || run.Repository.Contains('/', StringComparison.Ordinal))
            throw new ScenarioException($"{where}: 'repository' must be a name without an owner.");
        var workflow = new WorkflowSpec(run.Workflow, [.. run.Jobs.Select(job => ToJob(where, job))]);
        try
        {
            workflow.Validate();
        }
        catch (ArgumentException e)
        {
            throw new ScenarioException($"{where}: {e.Message}");
        }
        return new(
            Time(where, run.At), run.Repository, workflow,
            run.CancelAfter is { } after ? Time(where, after) : null, run.RerunFailed);
    }

    private static JobSpec ToJob(string where, JobEntry job) => new(job.Name)
    {
        RunsOn = job.RunsOn,
        Group = job.Group,
        Duration = Time(where, job.Duration),
        Needs = job.Needs,
        KillsRunner = job.KillsRunner,
        Matrix = [.. Enumerable.Range(1, job.Matrix).Select(i => i.ToString(CultureInfo.InvariantCulture))],
        EndsAs = Enum.TryParse<JobConclusion>(job.EndsAs, true, out var conclusion)
            ? conclusion
            : throw new ScenarioException(
                $"{where}: 'endsAs: {job.EndsAs}' is none of {string.Join(", ", Enum.GetNames<JobConclusion>())}."),
    };

    private static RightStep ToRight(string where, RightEntry right)
    {
        if (right.Verb.Length == 0 || right.Resource.Length == 0)
            throw new ScenarioException($"{where}: 'verb' and 'resource' say which right is lost.");
        var (at, until) = (Time(where, right.At), Time(where, right.Until));
        return until > at
            ? new(at, until, right.Verb, right.Resource)
            : throw new ScenarioException($"{where}: 'until: {right.Until}' is not after 'at: {right.At}'.");
    }

    private static TimeSpan Time(string where, string text)
    {
        return Duration.TryParse(text, out var time) && time >= TimeSpan.Zero
            ? time
            : throw new ScenarioException($"{where}: '{text}' is no time; write 500ms, 2s or 1m30s.");
    }

    private sealed class Document
    {
        public string? Name { get; set; }

        public string? Description { get; set; }

        public string Deadline { get; set; } = "5m";

        public PoolEntry Pool { get; set; } = new();

        public NodesEntry Nodes { get; set; } = new();

        public List<RunEntry> Workload { get; set; } = [];

        public List<RightEntry> LostRights { get; set; } = [];
    }

    private sealed class PoolEntry
    {
        public List<string>? Labels { get; set; }

        public int MaxRunners { get; set; } = 40;

        public int Standby { get; set; }
    }

    private sealed class NodesEntry
    {
        public int Count { get; set; } = 4;

        public int Pods { get; set; } = 60;
    }

    private sealed class RunEntry
    {
        public string At { get; set; } = "0s";

        public string Repository { get; set; } = "";

        public string Workflow { get; set; } = "ci";

        public string? CancelAfter { get; set; }

        public bool RerunFailed { get; set; }

        public List<JobEntry> Jobs { get; set; } = [];
    }

    private sealed class RightEntry
    {
        public string At { get; set; } = "0s";

        public string Until { get; set; } = "";

        public string Verb { get; set; } = "";

        public string Resource { get; set; } = "";
    }

    private sealed class JobEntry
    {
        public string Name { get; set; } = "build";

        public List<string> RunsOn { get; set; } = ["self-hosted"];

        public string? Group { get; set; }

        public string Duration { get; set; } = "5s";

        public int Matrix { get; set; }

        public List<string> Needs { get; set; } = [];

        public string EndsAs { get; set; } = nameof(JobConclusion.Success);

        public bool KillsRunner { get; set; }
    }
}

/// <summary>A scenario that cannot be played, and why.</summary>
internal sealed class ScenarioException(string message) : Exception(message);
