namespace RunnerScaler.Kubernetes.Pools;

/// <summary>One reading of a spec: what it asked for, and the first thing that is wrong.</summary>
internal sealed class SpecReading
{
    /// <summary>A sentence: which field, what is wrong, what to set. Null while nothing is.</summary>
    public string? Problem { get; private set; }

    /// <summary>Fields that this release does not know, such as <c>spec.limit</c>.</summary>
    public List<string> Unknown { get; } = [];

    /// <summary>Every field that was asked for, such as <c>spec.github.serves[].url</c>.</summary>
    public SortedSet<string> Fields { get; } = new(StringComparer.Ordinal);

    /// <param name="path">Which field, such as <c>spec.github.serves[1].url</c>.</param>
    /// <param name="problem">What is wrong and what to set, to be read after the field's name.</param>
    public void Fail(string path, string problem) => Problem ??= $"{path} {problem}";
}
