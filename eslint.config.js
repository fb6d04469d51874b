import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

export default defineConfig({ ignores: ['**/*.mjs'] }, tseslint.configs.strictTypeChecked, {
  languageOptions: { parserOptions: { project: ['tsconfig.json'] } },
  rules: {
    '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
    '@typescript-eslint/no-unnecessary-condition': ['error', { allowConstantLoopConditions: 'only-allowed-literals' }],
    '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
    '@typescript-eslint/consistent-type-imports': 'error',
    eqeqeq: 'error',
    'no-control-regex': 'off',
  },
});
