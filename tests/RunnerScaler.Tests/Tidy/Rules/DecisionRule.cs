using System.Text.RegularExpressions;

namespace RunnerScaler.Tests.Tidy.Rules;

/// <summary>The notes in <c>docs/decisions</c> are numbered without gaps, short, and all of one form.</summary>
internal static partial class DecisionRule
{
    public const int Lines = 40;

    private static readonly string[] Sections = ["## Context", "## Decision", "## Consequences"];

    public static IEnumerable<Finding> Check(IReadOnlyList<SourceFile> notes)
    {
        for (var i = 0; i < notes.Count; i++)
        {
            var note = notes[i];
            var number = $"{i + 1:0000}";
            if (!FileName().IsMatch(note.Path) || Path.GetFileName(note.Path)[..4] != number)
                yield return new Finding(note.Path, 1, $"name it {number}-words-of-its-title.md");
            if (!note.Lines[0].StartsWith($"# {number}. ", StringComparison.Ordinal))
                yield return new Finding(note.Path, 1, $"begin with \"# {number}. Title\"");
            if (note.Text.TrimEnd('\n').Split('\n').Length is var length and > Lines)
                yield return new Finding(note.Path, Lines, $"{length} lines, at most {Lines}; say it shorter");
            foreach (var section in Sections)
                if (!note.Lines.Contains(section))
                    yield return new Finding(note.Path, 1, $"add the section \"{section}\"");
        }
    }

    [GeneratedRegex(@"/\d{4}(?:-[a-z0-9]+)+\.md$")]
    private static partial Regex FileName();
}
