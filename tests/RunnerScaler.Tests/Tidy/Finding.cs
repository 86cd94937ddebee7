namespace RunnerScaler.Tests.Tidy;

/// <summary>A broken rule: where, what, and what to do about it.</summary>
internal sealed record Finding(string Path, int Line, string Message)
{
    public override string ToString() => $"{Path}:{Line}: {Message}";
}
