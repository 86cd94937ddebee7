using System.Text.RegularExpressions;

namespace RunnerScaler.Tests.Tidy.Rules;

/// <summary>How long things may be.</summary>
internal static partial class SizeRules
{
    public const int Line = 120;
    public const int File = 400;
    public const int UsualFile = 250;
    public const int Method = 60;
    public const int UsualMethod = 35;

    /// <summary>A line may be longer by the addresses that are in it: those cannot be broken.</summary>
    public static IEnumerable<Finding> CheckLines(SourceFile file) =>
        from numbered in file.Lines.Index()
        let length = Address().Replace(numbered.Item.TrimEnd('\r'), "").Length
        where length > Line
        select new Finding(file.Path, numbered.Index + 1,
            $"{length} characters; break the line at {Line}");

    public static IEnumerable<Finding> CheckFile(SourceFile file)
    {
        if (LengthOf(file) is var length and > File)
            yield return new Finding(file.Path, File,
                $"{length} lines, at most {File}; move an idea to a file of its own");
    }

    public static IEnumerable<Finding> CheckMethods(SourceFile file) =>
        from method in Members.Methods(file)
        where method.Length > Method
        select new Finding(file.Path, method.Line,
            $"{method.Name} has {method.Length} lines, at most {Method}; name its parts and make them methods");

    /// <summary>Not more than one file in twenty is longer than usual.</summary>
    public static IEnumerable<Finding> CheckUsualFile(IEnumerable<SourceFile> files) =>
        OverUsual([.. files.Select(f => (new Finding(f.Path, 1, "a long file"), LengthOf(f)))], UsualFile, "file");

    /// <summary>Not more than one method in twenty is longer than usual.</summary>
    public static IEnumerable<Finding> CheckUsualMethod(IEnumerable<SourceFile> files) => OverUsual(
        [.. from file in files
            from method in Members.Methods(file)
            select (new Finding(file.Path, method.Line, method.Name), method.Length)],
        UsualMethod, "method");

    /// <summary>The smallest length that at least 95 % of all do not exceed; 0 if there are none.</summary>
    public static int Percentile95(IEnumerable<int> lengths)
    {
        var sorted = lengths.Order().ToArray();
        return sorted.Length == 0 ? 0 : sorted[(int)Math.Ceiling(sorted.Length * 0.95) - 1];
    }

    private static IEnumerable<Finding> OverUsual((Finding Place, int Length)[] all, int usual, string what)
    {
        if (Percentile95(all.Select(a => a.Length)) <= usual)
            return [];
        return from one in all
               where one.Length > usual
               orderby one.Length descending
               select one.Place with
               {
                   Message = $"{one.Place.Message}: {one.Length} lines. More than 5 % of all are longer than {usual}; "
                       + $"shorten this {what} or another one",
               };
    }

    private static int LengthOf(SourceFile file) => file.Lines.Length - (file.Lines[^1].Length == 0 ? 1 : 0);

    [GeneratedRegex(@"https?://[^\s<>""')]+")]
    private static partial Regex Address();
}
